// A small menu that opens from a button.
import clsx from 'clsx';
import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

interface MenuProps {
  trigger: ReactNode;
  align?: 'start' | 'end';
  children: ReactNode;
}

export function Menu({ trigger, align = 'start', children }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          className="fade-in z-40 max-h-[60vh] min-w-44 overflow-y-auto rounded-md bg-raised p-1 text-text shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const ITEM =
  'flex h-8 cursor-default items-center gap-2 rounded-sm px-2 outline-hidden data-highlighted:bg-hover data-disabled:opacity-50';

interface MenuItemProps {
  onSelect: () => void;
  isDanger?: boolean;
  children: ReactNode;
}

export function MenuItem({ onSelect, isDanger = false, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item onSelect={onSelect} className={clsx(ITEM, isDanger && 'text-error')}>
      {children}
    </DropdownMenu.Item>
  );
}

export interface MenuChoice {
  value: string;
  label: string;
  group?: string;
}

interface MenuChoicesProps {
  value: string | undefined;
  choices: readonly MenuChoice[];
  onChoose: (value: string) => void;
}

export function MenuChoices({ value, choices, onChoose }: MenuChoicesProps) {
  const groups = [...new Set(choices.map((choice) => choice.group))];
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChoose}>
      {groups.map((group) => (
        <div key={group ?? ''}>
          {group && <DropdownMenu.Label className="px-2 pt-2 pb-1 text-11 text-muted">{group}</DropdownMenu.Label>}
          {choices
            .filter((choice) => choice.group === group)
            .map((choice) => (
              <DropdownMenu.RadioItem key={choice.value} value={choice.value} className={clsx(ITEM, 'pr-8')}>
                <span className="w-4">
                  <DropdownMenu.ItemIndicator>
                    <Check aria-hidden="true" className="size-4 text-accent" />
                  </DropdownMenu.ItemIndicator>
                </span>
                {choice.label}
              </DropdownMenu.RadioItem>
            ))}
        </div>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
