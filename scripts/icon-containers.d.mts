export interface SizedImage {
  size: number;
  png: Buffer;
}
export function packIco(images: readonly SizedImage[]): Buffer;
export function packIcns(images: readonly SizedImage[]): Buffer;
