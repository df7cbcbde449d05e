// Images of the message being written: taking them in, and the strip that shows them.
import { X } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, useState } from 'react';
import type { ImagePart } from '../../../../../gateway-core/src/protocol/index.js';
import { t } from '../../../i18n/t.js';
import { IconButton } from '../../../ui/Button.js';
import { readImages } from './attachments.js';

export function ImageStrip({ images, onRemove }: { images: readonly ImagePart[]; onRemove: (index: number) => void }) {
  if (images.length === 0) return null;
  return (
    <ul aria-label={t('composer.attached')} className="flex flex-wrap gap-2 px-3 pt-3">
      {images.map((image, index) => (
        <li key={index} className="relative">
          <img
            src={`data:${image.mimeType};base64,${image.data}`}
            alt=""
            className="size-14 rounded-md object-cover ring-1 ring-line"
          />
          <IconButton
            name={t('composer.removeImage', { name: String(index + 1) })}
            className="absolute -top-2 -right-2 size-6 rounded-full bg-raised shadow-float"
            onClick={() => onRemove(index)}
          >
            <X aria-hidden="true" className="size-3.5" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

/** Images of the message being written, from paste, drop and the file button. */
export function useImages() {
  const [images, setImages] = useState<ImagePart[]>([]);
  const [refusal, setRefusal] = useState('');
  const add = (files: readonly File[]) => {
    if (files.length === 0) return;
    void readImages(files).then((read) => {
      setImages((before) => [...before, ...read.images]);
      setRefusal(read.refusals.join(' '));
    });
  };
  return {
    images,
    refusal,
    add,
    clear: () => setImages([]),
    remove: (index: number) => setImages((before) => before.filter((_, at) => at !== index)),
    onPaste(event: ClipboardEvent) {
      const files = [...event.clipboardData.files];
      if (files.length > 0) event.preventDefault();
      add(files);
    },
    onDrop(event: DragEvent) {
      event.preventDefault();
      add([...event.dataTransfer.files]);
    },
  };
}
