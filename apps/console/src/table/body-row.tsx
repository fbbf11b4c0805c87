import { memo, type ReactNode } from 'react';

/** The cells of one column. */
export interface CellsOf<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** The narrowest screen on which it is shown; without it, always. */
  readonly from?: 'sm' | 'md' | 'lg';
  readonly align?: 'right';
}

/** The class of a column that only wide screens show. */
export const placeOf = <Row,>({ from }: CellsOf<Row>): string | undefined => (from === undefined ? undefined : `from-${from}`);

interface BodyRowProps<Row> {
  readonly id: string;
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly CellsOf<Row>[];
  /** Whether what narrow screens have no column for stands under the first cell there. */
  readonly folded: boolean;
  /** Reports the height of the row to the virtualizer. */
  readonly measure: (element: Element | null) => void;
  /** Whether it is ticked; without it, the row has no tick box. */
  readonly selected?: boolean;
  /** Names the tick box. */
  readonly selectionName?: string;
  readonly onToggle?: (id: string) => void;
}

/**
 * One row. It is rendered again only when it has changed, so that scrolling renders only the rows that come into view. Its
 * elements are the browser's own: a component of the library for each cell makes a row several times as expensive.
 */
export const BodyRow = memo(function BodyRow<Row>(props: BodyRowProps<Row>) {
  const { id, row, index, columns, folded, measure, selected, selectionName, onToggle } = props;
  return (
    <tr ref={measure} data-index={index} aria-rowindex={index + 2}>
      {selected !== undefined && (
        <td>
          <input
            type="checkbox"
            className="tick"
            aria-label={`Select ${selectionName}`}
            checked={selected}
            onChange={() => onToggle?.(id)}
          />
        </td>
      )}
      {columns.map((column, at) => (
        <td key={column.id} className={placeOf(column)} style={column.align && { textAlign: column.align }}>
          {column.cell(row)}
          {folded && at === 0 && <Folded row={row} columns={columns} />}
        </td>
      ))}
    </tr>
  );
}) as <Row>(props: BodyRowProps<Row>) => ReactNode;

/** The cells of the columns that the screen is too narrow for, each with its title. */
const Folded = <Row,>({ row, columns }: { readonly row: Row; readonly columns: readonly CellsOf<Row>[] }) =>
  columns.map(
    ({ id, from, title, cell }) =>
      from !== undefined && (
        <div key={id} className={`folded below-${from}`}>
          <span className="strong">{title}:</span> {cell(row)}
        </div>
      ),
  );
