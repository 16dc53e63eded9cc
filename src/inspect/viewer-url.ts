/** Where the plugin of `second-factor/inspect/vite` says that it serves the viewer. */
const SERVED = 'second-factor-viewer';

/** The page of the offline viewer: as a dev server says, or else as this package ships it. */
export function viewerUrl(): URL {
  const served = globalThis.document?.querySelector<HTMLMetaElement>(`meta[name=${SERVED}]`);
  if (served) return new URL(served.content, pageUrl());
  // Bundlers take a literal `new URL('…', import.meta.url)` for an asset and move the page alone,
  // without the files that it loads.
  const here = import.meta.url;
  return new URL('./viewer/index.html', here);
}

/**
 * The address of the page that an inspector is opened from.
 *
 * @throws Error where there is no page, which says what to use there
 */
export function pageUrl(): string {
  if (typeof location === 'undefined') {
    throw new Error(
      'There is no page to open it from. In Node, use inspectWithXState({ server }), logTransitions() or recordSession().',
    );
  }
  return location.href;
}

/** What an error of {@link pageUrl}, or of an address that is none, says. */
export function whyNot(error: unknown): string {
  return error instanceof Error ? error.message : 'the address is none';
}
