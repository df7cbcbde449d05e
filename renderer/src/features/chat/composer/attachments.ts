// Pictures that are pasted or dropped into a message.
import type { ImagePart } from '../../../../../gateway-core/src/protocol/index.js';
import { t } from '../../../i18n/t.js';

/** The gateway takes no larger attachment (spec/gateway-protocol.md §7.3). */
export const MAX_IMAGE_BYTES = 5_000_000;

/** Why a file is not attached, or undefined when it may be. */
export function refuseFile(file: Pick<File, 'name' | 'type' | 'size'>): string | undefined {
  if (!file.type.startsWith('image/')) return t('composer.imageType', { name: file.name });
  return file.size > MAX_IMAGE_BYTES ? t('composer.imageTooBig', { name: file.name }) : undefined;
}

function readBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result).replace(/^data:[^,]*,/, '')));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('unreadable')));
    reader.readAsDataURL(file);
  });
}

export interface ReadImages {
  images: ImagePart[];
  refusals: string[];
}

/** Reads the pictures among some files; says why the others stay out. */
export async function readImages(files: readonly File[]): Promise<ReadImages> {
  const refusals = files.map(refuseFile).filter((reason) => reason !== undefined);
  const accepted = files.filter((file) => refuseFile(file) === undefined);
  const images = await Promise.all(
    accepted.map(async (file): Promise<ImagePart> => ({
      type: 'image',
      data: await readBase64(file),
      mimeType: file.type,
    })),
  );
  return { images, refusals };
}
