import { formatCount, formatDuration, type MessageFacts, type Messages } from 'second-factor';

const LOCALE = 'de';
const dauer = (ms: number) => formatDuration(ms, LOCALE);
const an = ({ target }: MessageFacts) => (target ? ` an ${target}` : '');
const was = ({ factor }: MessageFacts) => (factor?.strategy === 'email_link' ? 'Link' : 'Code');
const in_ = ({ waitMs }: MessageFacts) => (waitMs ? ` in ${dauer(waitMs)}` : '');
const warten = (text: string) => (facts: MessageFacts) =>
  facts.waitMs === undefined
    ? `${text} Versuchen Sie es etwas später noch einmal.`
    : facts.waitMs > 0
      ? `${text} Versuchen Sie es in ${dauer(facts.waitMs)} noch einmal.`
      : 'Sie können es jetzt noch einmal versuchen.';
const NEU = 'Melden Sie sich neu an.';

/** Every text in German: `connect(snapshot, send, { messages: germanMessages })`. */
export const germanMessages: Messages = {
  factor: ({ factor, target }) => {
    switch (factor?.strategy) {
      case 'totp':
        return 'Authentifizierungs-App';
      case 'phone_code':
        return `SMS${target ? ` an ${target}` : ''}`;
      case 'email_code':
        return `E-Mail${target ? ` an ${target}` : ''}`;
      case 'email_link':
        return `Link per E-Mail${target ? ` an ${target}` : ''}`;
      case 'passkey':
        return 'Passkey';
      case 'backup_code':
        return 'Ersatzcode';
      default:
        return `${factor?.strategy ?? ''}${target ? ` ${target}` : ''}`;
    }
  },
  hint: (facts) => {
    switch (facts.factor?.strategy) {
      case 'totp':
        return `Geben Sie den ${facts.length}-stelligen Code aus Ihrer Authentifizierungs-App ein.`;
      case 'phone_code':
      case 'email_code':
        return `Lassen Sie sich einen Code${an(facts)} senden.`;
      case 'email_link':
        return `Lassen Sie sich einen Link${an(facts)} senden.`;
      case 'passkey':
        return 'Verwenden Sie Ihren Passkey.';
      case 'backup_code':
        return 'Geben Sie einen Ihrer Ersatzcodes ein.';
      default:
        return facts.proof === 'code' ? 'Geben Sie den Code ein.' : '';
    }
  },
  code_label: ({ length }) => (length === undefined ? 'Code' : `${length}-stelliger Code`),
  submit: 'Weiter',
  send: (facts) => `${was(facts)} senden${in_(facts)}`,
  resend: (facts) => `Neuen ${was(facts)} senden${in_(facts)}`,
  trust_device: 'Diesem Gerät vertrauen',
  cancel: 'Abbrechen',
  sending: (facts) =>
    facts.proof === 'credential'
      ? 'Einen Moment …'
      : `Ein ${was(facts)} wird${an(facts)} gesendet …`,
  sent: (facts) => {
    switch (facts.proof) {
      case 'credential':
        return 'Ihr Passkey kann jetzt verwendet werden. Fahren Sie damit fort.';
      case 'elsewhere':
        return `Ein ${was(facts)} wurde${an(facts)} gesendet. Diese Seite geht von selbst weiter.`;
      default:
        return `Ein Code wurde${an(facts)} gesendet. Geben Sie ihn hier ein.`;
    }
  },
  checking: ({ proof }) =>
    proof === 'credential'
      ? 'Folgen Sie den Schritten Ihres Browsers …'
      : 'Der Code wird geprüft …',
  reconciling: 'Es kam keine Antwort. Wir sehen nach, ob der Code angekommen ist …',
  complete: 'Bestätigt.',
  expiring: 'Der Code läuft in weniger als 20 Sekunden ab. Sie können einen neuen anfordern.',
  expired: 'Der Code ist wahrscheinlich abgelaufen. Sie können einen neuen anfordern.',

  code_malformed: ({ length }) =>
    length === undefined ? 'Geben Sie den Code ein.' : `Geben Sie alle ${length} Ziffern ein.`,
  not_prepared: 'Lassen Sie sich zuerst einen Code senden.',
  resend_cooldown: warten('Für einen weiteren Code ist es noch zu früh.'),
  attempt_in_flight: 'Der letzte Code wird noch geprüft.',
  no_factor: 'Dieser Weg steht nicht zur Verfügung. Wählen Sie einen anderen.',
  not_accepted: 'Das ist gerade nicht möglich.',
  rate_limited: warten('Das waren zu viele Versuche.'),
  code_incorrect: ({ attemptsLeft }) =>
    attemptsLeft === undefined
      ? 'Dieser Code stimmt nicht.'
      : `Dieser Code stimmt nicht. Noch ${formatCount(attemptsLeft, LOCALE, { one: 'Versuch', other: 'Versuche' })}.`,
  code_expired: 'Der Code ist abgelaufen. Fordern Sie einen neuen an.',
  attempts_exhausted: 'Das waren zu viele falsche Codes. Fordern Sie einen neuen an.',
  code_superseded: 'Ein neuerer Code gilt. Geben Sie den ein, oder fordern Sie einen neuen an.',
  proof_dismissed:
    'Das wurde nicht abgeschlossen. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.',
  delivery_failed:
    'Der Code konnte nicht gesendet werden. Wählen Sie vielleicht einen anderen Weg.',
  network: 'Es kam keine Antwort. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  timeout: 'Der Server braucht zu lange. Versuchen Sie es noch einmal.',
  server_error: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es noch einmal.',
  malformed_reply: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es noch einmal.',
  service_not_provided: 'Das ist hier nicht eingerichtet. Wählen Sie einen anderen Weg.',
  strategy_unavailable: 'Dieser Weg steht nicht zur Verfügung. Wählen Sie einen anderen.',
  already_verified: 'Das ist schon bestätigt.',
  locked: 'Das Konto ist gesperrt.',
  sign_in_expired: `Die Anmeldung ist abgelaufen. ${NEU}`,
  superseded: 'Die Anmeldung geht an anderer Stelle weiter.',
  protect_check_required: 'Zuerst ist eine andere Prüfung nötig.',
  unexpected_status: `Etwas Unerwartetes ist geschehen. ${NEU}`,
  enrolment_required: 'Zuerst muss ein zweiter Faktor eingerichtet werden.',
  no_usable_factor: 'Hier gibt es keinen zweiten Faktor, der sich verwenden lässt.',
  not_applicable: 'Diese Anmeldung braucht keinen zweiten Faktor.',
  integration_fault: 'Das geht hier nicht. Bitte sagen Sie dem Betreiber dieser Seite Bescheid.',
  cancelled: 'Abgebrochen.',
};
