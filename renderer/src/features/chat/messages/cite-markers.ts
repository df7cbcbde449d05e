// Pure: `[1]` in an answer → a link that opens the quoted passage. Code and real links stay as they are.

const CITE_HREF = '#cite-';

/** Markdown with `[n]` turned into links for the known numbers. */
export function linkCiteMarkers(markdown: string, known: readonly number[]): string {
  if (known.length === 0) return markdown;
  return markdown
    .split(/(`+[^`]*`+)/)
    .map((piece, index) => (index % 2 === 1 ? piece : linkPiece(piece, known)))
    .join('');
}

function linkPiece(text: string, known: readonly number[]): string {
  return text.replace(/(?<![!\\])\[(\d{1,3})\](?![(:])/g, (whole, digits: string) =>
    known.includes(Number(digits)) ? `[${digits}](${CITE_HREF}${digits})` : whole,
  );
}

/** The number of a link made above, or undefined for any other link. */
export function citeIndexOf(href: string | undefined): number | undefined {
  return href?.startsWith(CITE_HREF) ? Number(href.slice(CITE_HREF.length)) : undefined;
}
