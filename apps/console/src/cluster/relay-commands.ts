/** The commands that start a relay which enrols with a secret: a one-time token, or the key of a proxy cluster. */
export const relayCommands = (secret: string): { title: string; text: string }[] => [
  { title: 'In a checkout, beside npm start', text: `SLUICE_ENROLMENT_TOKEN=${secret} npm run relay` },
  {
    title: 'With Docker',
    text: [
      'docker run -d --name sluice-relay --restart unless-stopped \\',
      `  -e SLUICE_ENROLMENT_TOKEN=${secret} -e SLUICE_JOURNAL=persistent \\`,
      '  -v sluice-relay:/data sluice-relay',
    ].join('\n'),
  },
  {
    title: 'With Kubernetes',
    text: `kubectl run sluice-relay --image=sluice-relay --env=SLUICE_ENROLMENT_TOKEN=${secret}`,
  },
];
