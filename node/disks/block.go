package disks

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"paxon/process"
)

// The parts of a block's file: the magic, a CRC-32C of what follows it, the key, the owner, and
// the block as it was encoded.
const (
	magic      = "PXB1"
	sumAt      = len(magic)
	keyAt      = sumAt + 4
	ownerAt    = keyAt + 8
	headerSize = ownerAt + 4
)

// maxBlock bounds a block's file, in bytes.
const maxBlock = 256 << 20

// header begins the file of a block, to which the block is appended before seal.
func header(key uint64, owner process.ID) []byte {
	file := binary.BigEndian.AppendUint32([]byte(magic), 0)
	file = binary.BigEndian.AppendUint64(file, key)
	return binary.BigEndian.AppendUint32(file, uint32(owner))
}

// seal puts the checksum into the file of a block.
func seal(file []byte) []byte {
	binary.BigEndian.PutUint32(file[sumAt:], sum(file[keyAt:]))
	return file
}

// parseBlock finds a block in its file. What is wrong comes back as text, empty if nothing is.
func parseBlock(file []byte) (key uint64, owner process.ID, block []byte, wrong string) {
	switch {
	case len(file) < headerSize:
		return 0, 0, nil, fmt.Sprintf("it has %d bytes, expected at least %d", len(file), headerSize)
	case string(file[:sumAt]) != magic:
		return 0, 0, nil, fmt.Sprintf("it begins with %q, expected %q", file[:sumAt], magic)
	}
	stored, found := binary.BigEndian.Uint32(file[sumAt:]), sum(file[keyAt:])
	if stored != found {
		return 0, 0, nil, fmt.Sprintf("its checksum is %08x, its content gives %08x", stored, found)
	}
	key = binary.BigEndian.Uint64(file[keyAt:])
	owner = process.ID(binary.BigEndian.Uint32(file[ownerAt:]))
	return key, owner, file[headerSize:], ""
}

func sum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
