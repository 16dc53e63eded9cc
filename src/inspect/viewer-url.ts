/** The page of the offline viewer, as this package ships it. */
export function viewerUrl(): URL {
  // Bundlers take a literal `new URL('…', import.meta.url)` for an asset and move the page alone,
  // without the files that it loads.
  const here = import.meta.url;
  return new URL('./viewer/index.html', here);
}
