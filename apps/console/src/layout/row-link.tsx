import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';

/**
 * A link to a page of the console in a table of very many rows. It looks like `TextLink` and leads there in the same way, but is no more
 * than an element of the browser: the router neither checks its address nor loads the page before it is chosen.
 */
export function RowLink({
  href,
  strong = false,
  children,
}: {
  readonly href: string;
  readonly strong?: boolean;
  readonly children: ReactNode;
}) {
  const router = useRouter();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // the browser's own
    event.preventDefault();
    router.history.push(href);
  };
  return (
    <a href={href} className={strong ? 'row-link breakable strong' : 'row-link breakable'} onClick={follow}>
      {children}
    </a>
  );
}
