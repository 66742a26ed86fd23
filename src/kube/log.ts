/** Where the runtime says what it does. A pino logger is one: the message is constant, what varies goes into fields. */

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

export type Log = Readonly<{ debug: Write; info: Write; warn: Write; error: Write }>;
