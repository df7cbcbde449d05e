// Where a person writes: grows with the text, keeps the draft, offers commands, queues while nobody can take the text.
import { ArrowUp, ImagePlus } from 'lucide-react';
import { type ChangeEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { ImagePart } from '../../../../../gateway-core/src/protocol/index.js';
import { t } from '../../../i18n/t.js';
import { IconButton } from '../../../ui/Button.js';
import { COMMAND_MENU_ID, CommandMenu, optionId } from './CommandMenu.js';
import { composerAction, swallows } from './composer-keys.js';
import type { BusyMode } from './busy-mode.js';
import { ImageStrip, useImages } from './ComposerImages.js';
import { type CommandMenuState, type LoadCommands, useCommandMenu } from './use-command-menu.js';

export interface ComposerProps {
  agentName: string;
  initialText: string;
  isConnected: boolean;
  /** Not connected because the gateway has not been there yet, rather than gone. */
  isStarting?: boolean;
  isAnswering: boolean;
  /** What becomes of a message while an answer is written; `wait` unless given. */
  busyMode?: BusyMode;
  /** What the gateway answers itself; without it nothing is offered after a slash. Must not reject. */
  loadCommands?: LoadCommands;
  onDraft(text: string): void;
  onSend(text: string, images: ImagePart[]): void;
  onStop(): void;
  /** The text to edit when ↑ is pressed in an empty field. */
  takeLast(): string | undefined;
  /** In the foot, before the button that sends. */
  aside?: ReactNode;
}

const BUSY_WORDS = {
  wait: { placeholder: 'composer.placeholderBusy', send: 'composer.queue', hint: 'composer.hintBusy' },
  steer: { placeholder: 'composer.placeholderSteer', send: 'composer.steer', hint: 'composer.hintSteer' },
  interrupt: {
    placeholder: 'composer.placeholderInterrupt',
    send: 'composer.interrupt',
    hint: 'composer.hintInterrupt',
  },
} as const satisfies Record<BusyMode, object>;

function placeholderOf({ isConnected, isStarting, isAnswering, busyMode = 'wait', agentName }: ComposerProps): string {
  if (!isConnected) return t(isStarting ? 'composer.placeholderStarting' : 'composer.placeholderOffline');
  return isAnswering ? t(BUSY_WORDS[busyMode].placeholder) : t('composer.placeholder', { agent: agentName });
}

function sendName({ isConnected, isAnswering, busyMode = 'wait' }: ComposerProps): string {
  if (!isConnected) return t('composer.queue');
  return t(isAnswering ? BUSY_WORDS[busyMode].send : 'composer.send');
}

function noteOf(
  { isConnected, isStarting, isAnswering, busyMode = 'wait' }: ComposerProps,
  menu: CommandMenuState,
  isEscPressed: boolean,
): string {
  if (menu.isOpen) return t('composer.commandsHint');
  if (!isConnected) return t(isStarting ? 'composer.starting' : 'composer.offline');
  if (isEscPressed) return t('composer.escAgain');
  if (menu.hint !== undefined) return menu.hint;
  return t(isAnswering ? BUSY_WORDS[busyMode].hint : 'composer.hint');
}

/** The field keeps the focus while a row of the list is chosen. */
function menuAttributes({ isOpen, active }: CommandMenuState) {
  if (!isOpen) return {};
  return {
    'aria-autocomplete': 'list',
    'aria-haspopup': 'listbox',
    'aria-controls': COMMAND_MENU_ID,
    'aria-activedescendant': active < 0 ? undefined : optionId(active),
  } as const;
}

export function Composer(props: ComposerProps) {
  const { agentName, isAnswering, onDraft, onSend, onStop, takeLast } = props;
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
  const menu = useCommandMenu({
    text,
    isOn: pictures.images.length === 0,
    load: props.loadCommands,
    onFill: change,
  });
  const canSend = text.trim() !== '' || pictures.images.length > 0;
  const send = () => {
    if (!canSend) return;
    onSend(text.trim(), pictures.images);
    pictures.clear();
    change('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (menu.onKeyDown(event)) return event.preventDefault();
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
  const note = pictures.refusal || noteOf(props, menu, lastEscMs !== undefined);
  return (
    <div className="relative" onDrop={pictures.onDrop} onDragOver={(event) => event.preventDefault()}>
      <CommandMenu menu={menu} />
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
          onBlur={menu.close}
          {...menuAttributes(menu)}
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
          <p
            id="composer-note"
            aria-live="polite"
            className="line-clamp-2 min-w-0 flex-1 px-1 text-11 leading-tight text-muted"
          >
            {note}
          </p>
          {props.aside}
          <IconButton name={sendName(props)} tone="primary" disabled={!canSend} onClick={send}>
            <ArrowUp aria-hidden="true" className="size-4" />
          </IconButton>
        </div>
      </div>
    </div>
  );
}
