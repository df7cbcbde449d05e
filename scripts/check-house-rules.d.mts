/** What is wrong with the name of one file; undefined when nothing is. */
export function judgeName(file: string): string | undefined;

/** What is wrong with the text of one file, one entry per line that has something. */
export function judgeText(text: string): Array<{ line: number; fault: string }>;
