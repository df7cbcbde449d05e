// A block of code with its language and a copy button; colours arrive from the worker when they are ready.
import { Check, Copy } from 'lucide-react';
import { memo, useEffect, useMemo, useState } from 'react';
import { useServices } from '../../../app/services-context.js';
import { t } from '../../../i18n/t.js';
import type { Token } from './highlight-tokens.js';

interface CodeBlockProps {
  code: string;
  language: string;
  /** Still being written: no colours yet. */
  isOpen?: boolean;
}

const LINES_PER_PIECE = 60;

/** Cuts code into pieces of whole lines, so that a long stream only changes the last one. */
export function cutPieces(code: string): string[] {
  const lines = code.split('\n');
  const pieces: string[] = [];
  for (let at = 0; at < lines.length; at += LINES_PER_PIECE) {
    pieces.push(lines.slice(at, at + LINES_PER_PIECE).join('\n'));
  }
  return pieces;
}

const Piece = memo(function Piece({ text }: { text: string }) {
  return <span className="code-piece">{text}</span>;
});

function useTokens({ code, language, isOpen }: CodeBlockProps): Token[] | undefined {
  const { highlighter } = useServices();
  const [found, setFound] = useState<{ code: string; tokens?: Token[] }>();
  useEffect(() => {
    if (isOpen) return;
    let isCurrent = true;
    void highlighter.highlight(code, language).then((tokens) => {
      if (isCurrent) setFound({ code, tokens });
    });
    return () => {
      isCurrent = false;
    };
  }, [highlighter, code, language, isOpen]);
  return found?.code === code ? found.tokens : undefined;
}

export const CodeBlock = memo(function CodeBlock({ code, language, isOpen = false }: CodeBlockProps) {
  const tokens = useTokens({ code, language, isOpen });
  const pieces = useMemo(() => cutPieces(code), [code]);
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(code).then(() => setCopied(true));
    setTimeout(() => setCopied(false), 1_600);
  };
  return (
    <figure className="overflow-hidden rounded-md bg-sunken ring-1 ring-line ring-inset">
      <figcaption className="flex h-8 items-center justify-between pr-1 pl-3 text-12 text-muted">
        <span className="font-mono text-11">{language || t('code.plain')}</span>
        <button
          type="button"
          aria-label={isCopied ? t('action.copied') : t('code.copy')}
          className="inline-flex h-6 items-center gap-1 rounded-sm px-1.5 text-11 hover:bg-hover hover:text-text"
          onClick={copy}
        >
          {isCopied ? (
            <Check aria-hidden="true" className="size-3.5" />
          ) : (
            <Copy aria-hidden="true" className="size-3.5" />
          )}
          {isCopied ? t('action.copied') : t('action.copy')}
        </button>
      </figcaption>
      <pre className="code px-3 pb-3">
        <code>
          {tokens
            ? tokens.map((token, index) => (
                <span key={index} className={token.colour && `hl-${token.colour}`}>
                  {token.text}
                </span>
              ))
            : pieces.map((piece, index) => <Piece key={index} text={piece} />)}
        </code>
      </pre>
    </figure>
  );
});
