// The sign of a tool in its card.
import {
  Bot,
  Brain,
  CalendarClock,
  FilePen,
  FileText,
  Globe,
  Image,
  type LucideIcon,
  MessageSquare,
  Plug,
  Settings,
  SquareTerminal,
  Wrench,
} from 'lucide-react';

const ICONS: ReadonlyArray<readonly [pattern: RegExp, icon: LucideIcon]> = [
  [/^(exec|process)$/, SquareTerminal],
  [/^read$/, FileText],
  [/^(write|edit|apply_patch)$/, FilePen],
  [/^(web_|browser)/, Globe],
  [/^memory_/, Brain],
  [/^(sessions_|session_|subagents|agents_)/, Bot],
  [/^cron$/, CalendarClock],
  [/^message$/, MessageSquare],
  [/^image$/, Image],
  [/^(gateway|nodes)$/, Settings],
  [/__/, Plug],
];

export function ToolIcon({ name, className }: { name: string; className?: string }) {
  const Icon = ICONS.find(([pattern]) => pattern.test(name))?.[1] ?? Wrench;
  return <Icon aria-hidden="true" className={className} />;
}
