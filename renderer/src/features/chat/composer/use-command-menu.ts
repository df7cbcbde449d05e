// The list of commands above the composer: when it is open, which row is chosen, what keys do to it.
import { type KeyboardEvent, useEffect, useState } from 'react';
import type { CommandEntry } from '../../../../../gateway-core/src/protocol/index.js';
import { type SlashChoice, slashMenu } from './slash-commands.js';

export type LoadCommands = () => Promise<readonly CommandEntry[]>;

export interface CommandMenuState {
  choices: readonly SlashChoice[];
  /** Index of the chosen row, -1 for none. */
  active: number;
  isOpen: boolean;
  /** What is expected at this place, in words. */
  hint?: string;
  choose(index: number): void;
  point(index: number): void;
  close(): void;
  /** True when the key was for the list. */
  onKeyDown(event: KeyboardEvent): boolean;
}

interface MenuInput {
  text: string;
  /** False while the text cannot be a command. */
  isOn: boolean;
  load?: LoadCommands;
  onFill(text: string): void;
}

/** The commands, asked for anew whenever somebody begins to type one. */
function useCommands(isWanted: boolean, load: LoadCommands | undefined): readonly CommandEntry[] {
  const [commands, setCommands] = useState<readonly CommandEntry[]>([]);
  useEffect(() => {
    if (!isWanted || !load) return;
    let isOver = false;
    void load().then((list) => !isOver && setCommands(list));
    return () => {
      isOver = true;
    };
  }, [isWanted, load]);
  return commands;
}

type Wish = { kind: 'move'; by: 1 | -1 } | { kind: 'fill' } | { kind: 'close' } | undefined;

/** Pure: what a key press means for an open list. */
function wishOf({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent, active: number): Wish {
  if (shiftKey || ctrlKey || metaKey || altKey) return undefined;
  if (key === 'ArrowDown') return { kind: 'move', by: 1 };
  if (key === 'ArrowUp') return { kind: 'move', by: -1 };
  if (key === 'Tab' || (key === 'Enter' && active >= 0)) return { kind: 'fill' };
  return key === 'Escape' ? { kind: 'close' } : undefined;
}

export function useCommandMenu({ text, isOn, load, onFill }: MenuInput): CommandMenuState {
  const commands = useCommands(isOn && text.startsWith('/'), load);
  const [moved, setMoved] = useState<{ text: string; index: number }>();
  const [closedFor, setClosedFor] = useState<string>();
  const menu = isOn ? slashMenu(text, commands) : undefined;
  const choices = menu?.choices ?? [];
  const isOpen = choices.length > 0 && closedFor !== text;
  const active = moved?.text === text ? moved.index : (menu?.preselected ?? -1);
  const choose = (index: number) => {
    const choice = choices[index];
    if (choice) onFill(choice.text);
  };
  const point = (index: number) => setMoved({ text, index });
  const close = () => setClosedFor(text);
  return {
    choices,
    active: isOpen ? active : -1,
    isOpen,
    hint: menu?.hint,
    choose,
    point,
    close,
    onKeyDown(event) {
      if (!isOpen || event.nativeEvent.isComposing || event.keyCode === 229) return false;
      const wish = wishOf(event, active);
      if (!wish) return false;
      if (wish.kind === 'close') close();
      else if (wish.kind === 'fill') choose(Math.max(0, active));
      else if (active < 0) point(wish.by === 1 ? 0 : choices.length - 1);
      else point((active + wish.by + choices.length) % choices.length);
      return true;
    },
  };
}
