/** What a relay answers, in one byte, when a gateway has paired an agent with one of its offers: whether it takes the agent. */
export const OFFER_ANSWER = { taken: 0x54, withdrawn: 0x57 } as const;
