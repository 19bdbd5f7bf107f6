package kv_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paxon/kv"
)

func TestValue(t *testing.T) {
	for name, v := range map[string]kv.Value{
		"empty":   {Data: []byte{}},
		"plain":   {Data: []byte("data")},
		"TTL":     {TTL: time.Millisecond, Mark: 1, Data: []byte("data")},
		"longest": {TTL: kv.MaxTTL, Mark: 1<<64 - 1, Data: []byte{}},
	} {
		t.Run(name, func(t *testing.T) {
			b := v.Encode()
			assert.LessOrEqual(t, len(b), len(v.Data)+kv.MaxHeader)
			got, err := kv.Decode(b)
			require.NoError(t, err)
			assert.Equal(t, v, got)
		})
	}
}

// TestMaxTTL shows that the longest TTL is what fits, in whole milliseconds.
func TestMaxTTL(t *testing.T) {
	assert.EqualValues(t, 9223372036854_000000, kv.MaxTTL)
}

// TestEncodePart shows that a TTL is never cut short.
func TestEncodePart(t *testing.T) {
	for ttl, want := range map[time.Duration]time.Duration{
		1:                    time.Millisecond,
		time.Millisecond + 1: 2 * time.Millisecond,
		1<<63 - 1:            kv.MaxTTL,
	} {
		got, err := kv.Decode(kv.Value{TTL: ttl}.Encode())
		require.NoError(t, err)
		assert.Equal(t, want, got.TTL, ttl)
	}
}

func TestDecodeError(t *testing.T) {
	for text, b := range map[string]string{
		"nothing, expected a format":  "",
		"format 9, expected 1 or 2":   "\x09data",
		"16 bytes, expected a header": "\x02234567812345678"[:16],
		"a TTL of 0 ms, expected":     "\x02\x00\x00\x00\x00\x00\x00\x00\x0012345678",
		"a TTL of 9223372036855 ms":   "\x02\x00\x00\x08\x63\x7b\xd0\x5a\xf712345678",
	} {
		_, err := kv.Decode([]byte(b))
		var format *kv.FormatError
		require.ErrorAs(t, err, &format, text)
		assert.ErrorContains(t, err, text)
	}
}

// FuzzDecode shows that Decode panics on nothing, and that it and Encode are each other's inverse.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add(kv.Value{Data: []byte("data")}.Encode())
	f.Add(kv.Value{TTL: time.Second, Mark: 7, Data: []byte("data")}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := kv.Decode(b)
		if err != nil {
			return
		}
		assert.Equal(t, b, v.Encode())
	})
}
