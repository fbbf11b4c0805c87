import type { AuditRecord } from '@sluice/contracts';

/** The lines of an export, which `docs/verify.md` describes for readers outside. */
export type ExportLine =
  | ({ readonly line: 'export'; readonly format: 'sluice-audit-export'; readonly version: 1 } & ExportRange)
  | ({ readonly line: 'chain'; readonly name: string | null } & ExportChain)
  | { readonly line: 'fact'; readonly subject: string; readonly body: string; readonly quarantined?: string }
  | {
      readonly line: 'digest';
      readonly subject: string;
      readonly incarnation: string;
      readonly number: number;
      readonly sha256: string;
    }
  | { readonly line: 'missing'; readonly from: number; readonly to: number }
  | { readonly line: 'record'; readonly record: AuditRecord }
  | { readonly line: 'end'; readonly facts: number; readonly records: number; readonly sha256: string };

/** What an export is of. Times are ISO 8601 in UTC. */
export interface ExportRange {
  /** Certificate of the authority, PEM. */
  readonly authority: string;
  readonly since: string;
  readonly until: string;
  readonly exportedAt: string;
}

/** A part of a chain, from one number to another. */
export interface ExportChain {
  readonly author: string;
  readonly incarnation: string;
  readonly from: number;
  readonly to: number;
}
