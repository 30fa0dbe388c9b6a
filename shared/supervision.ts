import { z } from 'zod';

/**
 * How a lead takes part in an agent's call (R35). `listen`: nobody hears the lead; `whisper`: the agent does, the customer never;
 * `barge`: everyone hears everyone; `takeOver`: lead and customer talk, the agent's leg is released. From `takeOver` nothing leads back.
 */
export const supervisionModes = ['listen', 'whisper', 'barge', 'takeOver'] as const;
export const SupervisionMode = z.enum(supervisionModes);
export type SupervisionMode = z.infer<typeof SupervisionMode>;
