/** The anchor that a heading gets. */
export function headingAnchor(heading: string): string;

/** The anchors of all headings of a page. */
export function listAnchors(text: string): string[];

/** Links to files of ours; addresses are left out. */
export function listLinks(text: string): Array<{ target: string; anchor?: string }>;

/** The files that a tour names. */
export function listTourFiles(text: string): string[];
