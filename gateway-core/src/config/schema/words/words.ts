// The form of the words: see index.ts.
export type Words = Readonly<Record<string, string>>;
