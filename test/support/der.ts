/** The part of DER (X.690) that a certificate is written in. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = bigEndian(BigInt(length));
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function bigEndian(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

export function sequence(...items: readonly Buffer[]): Buffer {
  return tagged(TAG.sequence, ...items);
}

export function set(...items: readonly Buffer[]): Buffer {
  return tagged(TAG.set, ...items);
}

/** A non-negative integer; a leading zero keeps its sign. */
export function integer(value: bigint): Buffer {
  const bytes = bigEndian(value);
  const sign = (bytes[0] ?? 0) >= 0x80 ? [0] : [];
  return tagged(TAG.integer, Buffer.from(sign), bytes);
}

export function truth(): Buffer {
  return tagged(TAG.boolean, Buffer.from([0xff]));
}

export function octets(...content: readonly Buffer[]): Buffer {
  return tagged(TAG.octetString, ...content);
}

/** `unused` is the number of padding bits in the last byte. */
export function bits(content: Buffer, unused = 0): Buffer {
  return tagged(TAG.bitString, Buffer.from([unused]), content);
}

export function text(value: string): Buffer {
  return tagged(TAG.utf8String, Buffer.from(value, 'utf8'));
}

/** Whole seconds; RFC 5280 4.1.2.5 asks for UTCTime before 2050. */
export function time(value: Date): Buffer {
  const digits = `${value.toISOString().replace(/[-:T]|\.\d{3}Z$/g, '')}Z`;
  const utc = value.getUTCFullYear() < 2050;
  return utc
    ? tagged(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : tagged(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): readonly number[] {
  const digits = [arc & 0x7f];
  for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}
