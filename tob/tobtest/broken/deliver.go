package broken

import (
	"slices"

	"paxon/process"
	"paxon/register"
	"paxon/seasons"
	"paxon/tob"
)

// deliver is TO-Deliver of all messages of an instance.
type deliver = func(l register.Instance, batch register.Value)

// delivering changes what a variant delivers.
func delivering(
	v seasons.Variant, change func(self process.ID, sound deliver) deliver,
) seasons.Variant {
	broadcast := v.Broadcast
	v.Broadcast = func(h seasons.Host, parts tob.Parts) *tob.TOB {
		parts.Deliver = change(parts.Net.Self(), parts.Deliver)
		return broadcast(h, parts)
	}
	return v
}

// frames are the frames of the messages in a batch.
func frames(batch register.Value) [][]byte {
	var all [][]byte
	for m := range tob.Unpack(batch) {
		all = append(all, tob.AppendFrame(nil, m))
	}
	return all
}

// DeliversTwice delivers the first message of each batch once more at its end.
func DeliversTwice(v seasons.Variant) seasons.Variant {
	return delivering(v, func(_ process.ID, sound deliver) deliver {
		return func(l register.Instance, batch register.Value) {
			all := frames(batch)
			sound(l, slices.Concat(append(all, all[:min(1, len(all))]...)...))
		}
	})
}

// Drops delivers no message that is alone in its batch, at p1.
func Drops(v seasons.Variant) seasons.Variant {
	return delivering(v, func(self process.ID, sound deliver) deliver {
		return func(l register.Instance, batch register.Value) {
			if self == 1 && len(frames(batch)) == 1 {
				batch = nil
			}
			sound(l, batch)
		}
	})
}

// Invents delivers a message that nobody broadcast after those of each batch.
func Invents(v seasons.Variant) seasons.Variant {
	return delivering(v, func(_ process.ID, sound deliver) deliver {
		return func(l register.Instance, batch register.Value) {
			m := tob.Broadcast{Client: tob.Client{Process: 1}, Sequence: 1, Payload: []byte("invented")}
			sound(l, tob.AppendFrame(slices.Concat(frames(batch)...), m))
		}
	})
}

// Skips does not deliver every fifth instance, and so leaves holes.
func Skips(v seasons.Variant) seasons.Variant {
	return delivering(v, func(_ process.ID, sound deliver) deliver {
		return func(l register.Instance, batch register.Value) {
			if l%5 != 0 {
				sound(l, batch)
			}
		}
	})
}

// Reorders delivers the messages of a batch in the opposite order, at p1.
func Reorders(v seasons.Variant) seasons.Variant {
	return delivering(v, func(self process.ID, sound deliver) deliver {
		return func(l register.Instance, batch register.Value) {
			all := frames(batch)
			if self == 1 {
				slices.Reverse(all)
			}
			sound(l, slices.Concat(all...))
		}
	})
}

// ReordersAlike delivers the messages of a batch in the opposite order everywhere, also those of one
// client.
func ReordersAlike(v seasons.Variant) seasons.Variant {
	return delivering(v, func(_ process.ID, sound deliver) deliver {
		return func(l register.Instance, batch register.Value) {
			all := frames(batch)
			slices.Reverse(all)
			sound(l, slices.Concat(all...))
		}
	})
}

// Shifts delivers every batch one instance later than it tells those who wait.
func Shifts(v seasons.Variant) seasons.Variant {
	return delivering(v, func(_ process.ID, sound deliver) deliver {
		return func(l register.Instance, batch register.Value) { sound(l+1, batch) }
	})
}
