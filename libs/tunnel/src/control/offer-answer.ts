/** The one byte with which a relay answers when a gateway has paired an agent with one of its offers: whether it accepts the agent. */
export const OFFER_ANSWER = { taken: 0x54, withdrawn: 0x57 } as const;
