// Where a person writes: grows with the text, keeps the draft, queues while the agent is busy or the gateway is away.
import { ArrowUp, ImagePlus, X } from 'lucide-react';
import {
  type ChangeEvent,
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from 'react';
import type { ImagePart } from '../../../../../gateway-core/src/protocol/index.js';
import { t } from '../../../i18n/t.js';
import { IconButton } from '../../../ui/Button.js';
import { readImages } from './attachments.js';
import { composerAction, swallows } from './composer-keys.js';

export interface ComposerProps {
  agentName: string;
  initialText: string;
  isConnected: boolean;
  isAnswering: boolean;
  onDraft(text: string): void;
  onSend(text: string, images: ImagePart[]): void;
  onStop(): void;
  /** The text to edit when ↑ is pressed in an empty field. */
  takeLast(): string | undefined;
  /** In the foot, before the button that sends. */
  aside?: ReactNode;
}

function placeholderOf({ isConnected, isAnswering, agentName }: ComposerProps): string {
  if (!isConnected) return t('composer.placeholderOffline');
  return isAnswering ? t('composer.placeholderBusy') : t('composer.placeholder', { agent: agentName });
}

function noteOf({ isConnected, isAnswering }: ComposerProps, isEscPressed: boolean): string {
  if (!isConnected) return t('composer.offline');
  if (!isAnswering) return t('composer.hint');
  return isEscPressed ? t('composer.escAgain') : t('composer.hintBusy');
}

function ImageStrip({ images, onRemove }: { images: readonly ImagePart[]; onRemove: (index: number) => void }) {
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
function useImages() {
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

export function Composer(props: ComposerProps) {
  const { agentName, isConnected, isAnswering, onDraft, onSend, onStop, takeLast } = props;
  const [text, setText] = useState(props.initialText);
  const [lastEscMs, setLastEscMs] = useState<number>();
  const pictures = useImages();
  const files = useRef<HTMLInputElement>(null);
  const change = (value: string) => {
    setText(value);
    onDraft(value);
  };
  useEffect(() => {
    if (!isAnswering) setLastEscMs(undefined);
  }, [isAnswering]);
  const canSend = text.trim() !== '' || pictures.images.length > 0;
  const send = () => {
    if (!canSend) return;
    onSend(text.trim(), pictures.images);
    pictures.clear();
    change('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey, keyCode, nativeEvent } = event;
    const press = { key, shiftKey, ctrlKey, metaKey, altKey, keyCode, isComposing: nativeEvent.isComposing };
    const nowMs = Date.now();
    const action = composerAction(press, {
      text,
      hasImages: pictures.images.length > 0,
      isAnswering,
      nowMs,
      lastEscMs,
    });
    if (action !== 'none' || swallows(press)) event.preventDefault();
    if (action === 'send') send();
    if (action === 'askStop') setLastEscMs(nowMs);
    if (action === 'stop') onStop();
    if (action === 'editLast') change(takeLast() ?? '');
  };
  const note = pictures.refusal || noteOf(props, lastEscMs !== undefined);
  return (
    <div onDrop={pictures.onDrop} onDragOver={(event) => event.preventDefault()}>
      <div className="rounded-lg bg-raised ring-1 ring-control ring-inset focus-within:ring-2 focus-within:ring-focus">
        <ImageStrip images={pictures.images} onRemove={pictures.remove} />
        <textarea
          id="composer"
          data-testid="composer-input"
          aria-label={t('composer.label', { agent: agentName })}
          aria-describedby="composer-note"
          placeholder={placeholderOf(props)}
          rows={Math.min(8, text.split('\n').length)}
          value={text}
          autoFocus
          className="grow-text block w-full resize-none bg-transparent px-3.5 pt-2.5 pb-1 text-[14px] leading-[1.5] outline-hidden placeholder:text-muted"
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={pictures.onPaste}
        />
        <div className="flex items-center gap-1 px-1.5 pb-1.5">
          <IconButton name={t('composer.attach')} onClick={() => files.current?.click()}>
            <ImagePlus aria-hidden="true" className="size-4" />
          </IconButton>
          <input
            ref={files}
            type="file"
            accept="image/*"
            multiple
            hidden
            aria-label={t('composer.attach')}
            onChange={(event: ChangeEvent<HTMLInputElement>) => {
              pictures.add([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          <p id="composer-note" aria-live="polite" className="min-w-0 flex-1 truncate px-1 text-11 text-muted">
            {note}
          </p>
          {props.aside}
          <IconButton
            name={isAnswering || !isConnected ? t('composer.queue') : t('composer.send')}
            tone="primary"
            disabled={!canSend}
            onClick={send}
          >
            <ArrowUp aria-hidden="true" className="size-4" />
          </IconButton>
        </div>
      </div>
    </div>
  );
}
