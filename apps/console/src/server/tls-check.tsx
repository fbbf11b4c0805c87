import { Badge, Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { type Schemas, unwrap } from '@sluice/sdk';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client.js';
import { messageOf } from '../api/problem.js';
import { Copyable } from '../layout/copyable.js';
import { Facts } from '../layout/facts.js';
import { Section } from '../layout/section.js';
import { Time } from '../words/time.js';
import { checkText } from './check-text.js';
import type { Server } from './servers.js';

type Certificate = NonNullable<Schemas['TlsSeen']['certificate']>;

const STARTS = [
  { value: 'direct', label: 'TLS from the first byte' },
  { value: 'postgresql', label: 'PostgreSQL' },
] as const;
/** How many of a certificate's names are shown. */
const SHOWN_NAMES = 20;
type Start = (typeof STARTS)[number]['value'];

/** Has a relay look at the certificate that a server shows. What comes of it is shown here and kept nowhere. */
export function TlsCheck({ server: { id } }: { readonly server: Server }) {
  const [start, setStart] = useState<Start>('direct');
  const [busy, setBusy] = useState(false);
  const [text, setText] = useState<string>();
  const [certificate, setCertificate] = useState<Certificate | null>(null);
  const check = async () => {
    setBusy(true);
    setText(undefined);
    setCertificate(null);
    try {
      const params = { path: { id } };
      const checked = await unwrap(api.POST('/api/v1/servers/{id}/check', { params, body: { tls: start } }));
      setText(checked.tls ? `${checked.checkedBy}: ${checked.tls.message}` : checkText(checked));
      setCertificate(checked.tls?.certificate ?? null);
    } catch (error) {
      setText(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section
      title="TLS"
      actions={
        <Group gap="xs">
          <NativeSelect
            size="xs"
            aria-label="How the service begins TLS"
            data={STARTS}
            value={start}
            onChange={(event) => setStart(STARTS.find(({ value }) => value === event.currentTarget.value)?.value ?? 'direct')}
          />
          <Button size="xs" variant="light" leftSection={<ShieldCheck size={14} />} loading={busy} onClick={() => void check()}>
            Check TLS
          </Button>
        </Group>
      }
    >
      <Stack gap="xs">
        {text === undefined ? (
          <Text size="sm" c="dimmed">
            A relay tries a TLS handshake and shows the certificate of the service, and which names it fits. MySQL and others that
            begin without TLS and change to it later cannot be looked at.
          </Text>
        ) : (
          <Text size="sm" role="status" className="breakable">
            {text}
          </Text>
        )}
        {certificate && <CertificateFacts certificate={certificate} />}
      </Stack>
    </Section>
  );
}

function CertificateFacts({ certificate }: { readonly certificate: Certificate }) {
  const { subject, issuer, names, nameCount, validFrom, validUntil, fingerprint, trusted, untrustedBecause, fits } = certificate;
  const shown = names.slice(0, SHOWN_NAMES);
  const more = nameCount - shown.length;
  return (
    <Facts
      rows={[
        ['Subject', subject || '—'],
        ['Issuer', issuer || '—'],
        [
          'Names',
          nameCount === 0
            ? 'None; most clients ignore the common name'
            : `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
        ],
        ['Valid from', <Time key="from" at={validFrom} />],
        ['Valid until', <Time key="until" at={validUntil} />],
        [
          'Trusted',
          <Verdict key="trusted" good={trusted}>
            {trusted ? "by the public authorities, or those that the relay's system trusts" : untrustedBecause}
          </Verdict>,
        ],
        [
          'Fits',
          <Stack key="fits" gap={4}>
            {fits.map(({ name, use, fits: good }) => (
              <Verdict key={name} good={good}>
                {use === 'endpoint'
                  ? `clients configured to expect ${name}`
                  : `clients that expect ${name} by default, because they connect to it`}
              </Verdict>
            ))}
          </Stack>,
        ],
        ['SHA-256', <Copyable key="sha" value={fingerprint} what="the fingerprint of the certificate" />],
      ]}
    />
  );
}

const Verdict = ({ good, children }: { readonly good: boolean; readonly children: React.ReactNode }) => (
  <Group gap={6} wrap="nowrap" align="flex-start">
    <Badge variant="light" color={good ? 'green' : 'orange'} tt="none" miw={36} style={{ flexShrink: 0 }}>
      {good ? 'yes' : 'no'}
    </Badge>
    <Text size="sm" className="breakable" flex={1}>
      {children}
    </Text>
  </Group>
);
