import { Table } from '@mantine/core';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';

/** What a table stands in: if the table is wider, it scrolls, and can be scrolled with the keyboard too. */
export function WideTable({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [isWider, setWider] = useState(false);
  useLayoutEffect(() => {
    const { current } = place;
    const table = current?.querySelector('table');
    if (!current || !table) return;
    const observer = new ResizeObserver(() => setWider(current.scrollWidth > current.clientWidth));
    observer.observe(current);
    observer.observe(table);
    return () => observer.disconnect();
  }, []);
  return (
    <Table.ScrollContainer
      ref={place}
      minWidth={0}
      type="native"
      {...(isWider && { tabIndex: 0, role: 'region', 'aria-label': label })}
    >
      {children}
    </Table.ScrollContainer>
  );
}
