// An answer's text. Finished blocks are read once; only the last one changes while text streams in.
import { memo, type ReactNode, useMemo, useRef } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import type { Citation } from '../../../../../gateway-core/src/protocol/index.js';
import { useServices } from '../../../app/services-context.js';
import { t } from '../../../i18n/t.js';
import { CitationMarker, CitationsContext } from './Citations.js';
import { citeIndexOf, linkCiteMarkers } from './cite-markers.js';
import { CodeBlock } from './CodeBlock.js';
import { NO_BLOCKS, splitBlocks } from './split-blocks.js';

const PLUGINS = [remarkGfm];

function Link({ href, children }: { href?: string; children?: ReactNode }) {
  const { openLink } = useServices();
  const cite = citeIndexOf(href);
  if (cite !== undefined) return <CitationMarker index={cite} />;
  const isOutside = href !== undefined && /^(https?:|mailto:)/i.test(href);
  if (!isOutside) return <>{children}</>;
  return (
    <a
      href={href}
      rel="noreferrer noopener"
      title={`${href} – ${t('link.opensOutside')}`}
      onClick={(event) => {
        event.preventDefault();
        openLink(href);
      }}
    >
      {children}
    </a>
  );
}

/** The text and language of a fence that sits inside a list or quote. */
function codeOf(children: ReactNode): { code: string; language: string } {
  if (typeof children !== 'object' || children === null || !('props' in children)) return { code: '', language: '' };
  const props = children.props as { className?: string; children?: ReactNode };
  const language = /language-(\S+)/.exec(props.className ?? '')?.[1] ?? '';
  return { code: String(props.children ?? '').replace(/\n$/, ''), language };
}

const COMPONENTS: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  pre: ({ children }) => <CodeBlock {...codeOf(children)} />,
  // A picture from elsewhere would tell its server that you read this.
  img: ({ src, alt }) => <Link href={typeof src === 'string' ? src : undefined}>{alt || src}</Link>,
  // Bullets, figures and the line of a quote stand where its text begins.
  ul: ({ children, className }) => (
    <ul dir="auto" className={className}>
      {children}
    </ul>
  ),
  ol: ({ children, className, start }) => (
    <ol dir="auto" start={start} className={className}>
      {children}
    </ol>
  ),
  blockquote: ({ children }) => <blockquote dir="auto">{children}</blockquote>,
  table: ({ children }) => (
    <div className="table-scroll" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
};

const TextBlock = memo(function TextBlock({ text }: { text: string }) {
  return (
    <div className="md-block">
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  );
});

interface MarkdownProps {
  text: string;
  citations?: readonly Citation[];
}

const NO_CITATIONS: readonly Citation[] = [];

export const Markdown = memo(function Markdown({ text, citations = NO_CITATIONS }: MarkdownProps) {
  const previous = useRef(NO_BLOCKS);
  const split = useMemo(() => splitBlocks(text, previous.current), [text]);
  previous.current = split;
  const known = useMemo(() => citations.map((citation) => citation.index), [citations]);
  return (
    <CitationsContext value={citations}>
      <div className="markdown">
        {split.blocks.map((block) =>
          block.kind === 'code' ? (
            <div key={block.start} className="md-block">
              <CodeBlock code={block.code} language={block.language} isOpen={block.isOpen} />
            </div>
          ) : (
            <TextBlock key={block.start} text={linkCiteMarkers(block.text, known)} />
          ),
        )}
      </div>
    </CitationsContext>
  );
});
