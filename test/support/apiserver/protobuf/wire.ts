/** Protocol Buffers on the wire: fields by number, of the two wire types that Kubernetes uses. */

export type WireField = Readonly<{ number: number; value: bigint | Buffer }>;

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Throws RangeError where the message is cut off, TypeError for a wire type that no Kubernetes message has. */
export function wireFields(message: Buffer): readonly WireField[] {
  const reader = new Reader(message);
  const fields: WireField[] = [];
  while (!reader.done) {
    const tag = Number(reader.varint());
    const number = tag >>> 3;
    fields.push({ number, value: fieldValue(reader, tag & 7) });
  }
  return fields;
}

function fieldValue(reader: Reader, wireType: number): bigint | Buffer {
  if (wireType === VARINT) return reader.varint();
  if (wireType === LENGTH_DELIMITED) return reader.take(Number(reader.varint()));
  throw new TypeError(`wire type ${wireType}`);
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.#at);
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new RangeError('varint too long');
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError('message cut off');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
