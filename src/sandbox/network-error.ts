/**
 * Makes the error of a request that got no answer, spelled as `fetch` spells it. Whoever gets it
 * cannot know whether the request took effect.
 */
export function networkError(): TypeError {
  return new TypeError('Failed to fetch');
}

/**
 * Makes the error of a request whose signal was aborted: `AbortError`, or `TimeoutError` where a
 * time-out did it.
 */
export function abortError(signal?: AbortSignal): DOMException {
  const reason: unknown = signal?.reason;
  const timedOut = reason instanceof DOMException && reason.name === 'TimeoutError';
  return timedOut
    ? new DOMException('The operation timed out.', 'TimeoutError')
    : new DOMException('This operation was aborted.', 'AbortError');
}
