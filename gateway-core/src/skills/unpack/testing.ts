// Test support: archives of any contents, also of those that no honest program would write.
import { crc32, gzipSync } from 'node:zlib';

export interface MadeEntry {
  name: string;
  /** tar: `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder. */
  type?: '0' | '1' | '2' | '3' | '5';
  text?: string;
  /** Where a link leads. */
  link?: string;
  mode?: number;
  /** What the archive says, in place of the truth. */
  size?: number;
}

function tarBlock({ name, type = '0', text = '', link = '', mode = 0o644, size = text.length }: MadeEntry): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0, 100);
  head.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write('        ', 148);
  head.write(type, 156);
  head.write(link, 157, 100);
  head.write('ustar\u000000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  body.write(text, 0, 'latin1');
  return Buffer.concat([head, body]);
}

export function makeTar(entries: readonly MadeEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarBlock), Buffer.alloc(1024)]);
}

export const makeTarGz = (entries: readonly MadeEntry[]): Buffer => gzipSync(makeTar(entries));

function zipRow({ name, type = '0', text = '', mode = 0o644, size = text.length }: MadeEntry, offset: number) {
  const [bytes, file] = [Buffer.from(text), Buffer.from(name)];
  const kinds = { '0': 0o100000, '1': 0o100000, '2': 0o120000, '3': 0o020000, '5': 0o040000 } as const;
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt32LE(crc32(bytes), 10);
  facts.writeUInt32LE(bytes.length, 14);
  facts.writeUInt32LE(size, 18);
  facts.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), facts, file, bytes]);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(((kinds[type] | mode) << 16) >>> 0, 6);
  tail.writeUInt32LE(offset, 10);
  // Made by a Unix program.
  const madeBy = Buffer.from([20, 3]);
  return { local, central: Buffer.concat([Buffer.from('PK\u0001\u0002', 'latin1'), madeBy, facts, tail, file]) };
}

/** A zip file without packing. */
export function makeZip(entries: readonly MadeEntry[]): Buffer {
  let offset = 0;
  const rows = entries.map((entry) => {
    const row = zipRow(entry, offset);
    offset += row.local.length;
    return row;
  });
  const central = Buffer.concat(rows.map((row) => row.central));
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(rows.length, 8);
  end.writeUInt16LE(rows.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...rows.map((row) => row.local), central, end]);
}
