// An expected failure of the desktop side: a code, a sentence, a hint. Anything else that is thrown is a bug.

export class DesktopFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
    this.name = 'DesktopFailure';
  }
}
