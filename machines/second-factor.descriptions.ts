/**
 * What each state means, by the id of its node, for the pictures of inspectors and of the docs. The
 * texts stand beside the machine, so that no bundle carries them: no user sees them.
 */
export const descriptions: Readonly<Record<string, string>> = {
  'secondFactor.needs_second_factor':
    'A factor may be chosen; one that needs no preparation may be attempted here.',
  'secondFactor.preparing': 'The backend is asked to send a code to the chosen factor.',
  'secondFactor.prepared': 'The backend sent something to the chosen factor; its proof is awaited.',
  'secondFactor.attempting': 'The proof is with the backend.',
  'secondFactor.attempting.reconciling': 'The reply was lost: the backend is asked what is true.',
  'secondFactor.failed': 'The last step did not work, and the user can go on.',
  'secondFactor.failed.code_rejected': 'The code is wrong; another may be typed.',
  'secondFactor.failed.code_spent': 'The code is gone; a new one may be sent at once.',
  'secondFactor.failed.not_sent': 'Nothing was sent, or nobody knows whether it was.',
  'secondFactor.failed.throttled': 'The backend said wait; a deadline says until when.',
  'secondFactor.failed.outcome_unknown': 'Nobody knows what became of the attempt.',
  'secondFactor.complete': 'The second factor is verified.',
  'secondFactor.halted': 'The second factor cannot be verified in this flow.',
};
