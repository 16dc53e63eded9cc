import { type Part, partOf } from '../../json.ts';
import type { Offer } from '../../messages.ts';
import { isKind, type Json } from '../../show.ts';
import { tellRefusal } from '../../why.ts';
import { byId, clock, el } from '../dom.ts';
import type { Host } from '../host.ts';
import type { Playback } from '../playback.ts';

const TITLES: Readonly<Record<Offer['now'], string>> = {
  accepted: 'Accepted now; a click sends it.',
  needs_data: 'Accepted with the right payload.',
  refused: 'Refused now.',
  unknown: 'Refused without a payload; with one it may be accepted.',
};

/**
 * The events that the actor can be sent, and a form for those that need a payload. `choose` takes the
 * one way to send an event of a type, `close` puts the form away with what was typed.
 */
export function createOffersPanel(
  playback: Playback,
  { send, canSend }: Pick<Host, 'send' | 'canSend'>,
) {
  const form = byId('composer') as HTMLFormElement;
  let composing: Offer | null = null;

  const sendToActor = (event: Part): void => send(playback.actor()?.id ?? '', event);

  const compose = (offer: Offer | null): void => {
    composing = offer;
    form.hidden = offer === null;
    form.replaceChildren();
    if (!offer) return;
    const { type } = offer;
    const { focus, read, fields } = fieldsFor(offer);
    const problem = el('p');
    const submit = el('button', { type: 'submit' }, `Send ${type}`);
    const cancel = el('button', { type: 'button' }, 'Cancel');
    form.append(...fields, problem, el('div', {}, submit, cancel));
    cancel.addEventListener('click', close);
    form.onsubmit = (submitted) => {
      submitted.preventDefault();
      try {
        sendToActor({ ...read(), type, ...(offer.id && { $offer: offer.id }) });
        // What was typed may be a secret: it does not stay on the page.
        close();
      } catch {
        problem.textContent = 'This is not JSON.';
      }
    };
    focus.focus();
  };
  const close = (): void => compose(null);

  const take = (offer: Offer): void => {
    if (offer.now !== 'accepted') compose(offer);
    else sendToActor({ type: offer.type, ...(offer.id && { $offer: offer.id }) });
  };

  return {
    close,
    render() {
      const now = playback.actor()?.now;
      const offers = playback.isLive ? (now?.offers ?? []) : [];
      byId('offers').replaceChildren(
        ...(offers.length === 0 ? [whyNone(playback.isLive, now?.snapshot.status)] : []),
        ...offers.map((offer) => {
          const attributes = { 'data-now': offer.now, title: TITLES[offer.now] };
          const button = el('button', { type: 'button', ...attributes }, offer.label);
          button.disabled = offer.now === 'refused' || !canSend;
          button.addEventListener('click', () => take(offer));
          return button;
        }),
      );
      const refused = offers.flatMap(({ label, refusal }) =>
        refusal ? [el('li', {}, el('b', {}, label), ` ${tellRefusal(refusal, clock)}`)] : [],
      );
      byId('refusals').replaceChildren(...refused);
      const still = offers.some((one) => one.label === composing?.label && one.now !== 'refused');
      if (composing && !still) close();
    },
    choose(type: string): void {
      if (!playback.isLive || !canSend) return;
      const offers = playback.actor()?.now?.offers ?? [];
      const [offer, another] = offers.filter((one) => one.type === type && one.now !== 'refused');
      const buttons = [...byId('offers').querySelectorAll('button')];
      if (another) buttons.find(({ textContent }) => textContent === offer?.label)?.focus();
      else if (offer) take(offer);
    },
  };
}

function whyNone(isLive: boolean, status: string | undefined): string {
  if (!isLive) return 'Only what is live takes events.';
  return status === undefined || status === 'active' ? 'Nothing to send.' : 'It has ended.';
}

/** A field for each text of the payload; where it has more than texts, one for all of it. */
function fieldsFor({ type, template }: Offer) {
  const { type: _, ...payload } = partOf(template);
  const values = Object.entries(payload);
  // What was not shown is no value to begin with: left empty, the host keeps its own.
  const inputs = values.map(([name, value]) =>
    el('input', {
      name,
      value: isKind(value) ? '' : String(value),
      placeholder: isKind(value) ? String(value) : '',
      autocomplete: 'off',
      spellcheck: 'false',
    }),
  );
  const [first] = inputs;
  if (first && values.every(([, value]) => typeof value === 'string')) {
    return {
      fields: inputs.map((input) => el('label', {}, input.name, input)),
      focus: first,
      read: () =>
        Object.fromEntries(
          inputs.map(({ name, value, placeholder }) => [name, value || placeholder]),
        ),
    };
  }
  const area = el('textarea', { spellcheck: 'false', 'aria-label': `${type} as JSON` });
  area.value = JSON.stringify(template, null, 2);
  return {
    fields: [area],
    focus: area,
    /** @throws SyntaxError for what is no JSON */
    read: () => partOf(JSON.parse(area.value) as Json),
  };
}
