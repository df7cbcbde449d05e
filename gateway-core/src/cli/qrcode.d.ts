// The one function of the package that we use; it has no types of its own.
declare module 'qrcode' {
  export function toString(
    text: string,
    options?: { type?: 'utf8' | 'svg' | 'terminal'; errorCorrectionLevel?: 'L' | 'M' | 'Q' | 'H'; margin?: number },
  ): Promise<string>;
}
