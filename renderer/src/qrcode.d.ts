// The part of the package `qrcode` that is used here; it comes without types.
declare module 'qrcode' {
  export interface QrCodeMatrix {
    modules: { size: number; data: Uint8Array };
  }
  export function create(text: string, options?: { errorCorrectionLevel?: 'L' | 'M' | 'Q' | 'H' }): QrCodeMatrix;
}
