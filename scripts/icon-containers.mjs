// Puts PNG images of several sizes into the icon containers of Windows and macOS.

const ICO_HEADER_BYTES = 6;
const ICO_ENTRY_BYTES = 16;

/** `images`: [{size, png}] with sizes up to 256. */
export function packIco(images) {
  const head = Buffer.alloc(ICO_HEADER_BYTES + ICO_ENTRY_BYTES * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  images.forEach(({ size, png }, index) => {
    const at = ICO_HEADER_BYTES + ICO_ENTRY_BYTES * index;
    // 256 is written as 0: the field has one byte.
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
}

/** Pixel size → the chunk types that hold it; the second is the double-density form of half the size. */
const ICNS_TYPES = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

/** `images`: [{size, png}] with the sizes of ICNS_TYPES. */
export function packIcns(images) {
  const chunks = images.flatMap(({ size, png }) => ICNS_TYPES[size].map((type) => icnsChunk(type, png)));
  return icnsChunk('icns', Buffer.concat(chunks));
}

function icnsChunk(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(head.length + content.length, 4);
  return Buffer.concat([head, content]);
}
