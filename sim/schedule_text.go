package sim

import (
	"fmt"
	"strconv"
	"strings"
)

// String says what the intervention does, and when.
func (i Intervention) String() string {
	return fmt.Sprintf("%v: %s", i.At, i.what())
}

func (i Intervention) what() string {
	switch i.Act {
	case ActStart:
		return fmt.Sprintf("%v starts", i.Process)
	case ActClient:
		return fmt.Sprintf("client %d begins, at %v", i.Client, i.Process)
	case ActBroadcast:
		if i.Client > 0 {
			return fmt.Sprintf("client %d broadcasts %q at %v", i.Client, i.Payload, i.Process)
		}
		var payloads []string
		for _, payload := range i.payloads() {
			payloads = append(payloads, strconv.Quote(payload))
		}
		return fmt.Sprintf("%v broadcasts %s", i.Process, strings.Join(payloads, " and "))
	case ActHand:
		return fmt.Sprintf("client %d hands its message %d to %v as well",
			i.Client, i.Sequence, i.Process)
	case ActCrash:
		if i.For == 0 {
			return fmt.Sprintf("%v crashes", i.Process)
		}
		return fmt.Sprintf("%v crashes, and recovers after %v", i.Process, i.For)
	case ActGone:
		return fmt.Sprintf("%v is down for good", i.Process)
	case ActCut:
		var links []string
		for _, l := range i.Links {
			links = append(links, fmt.Sprintf("%v to %v", l.From, l.To))
		}
		return fmt.Sprintf("the links %s are broken for %v", strings.Join(links, ", "), i.For)
	case ActTruncate:
		return fmt.Sprintf("%v drops what it has delivered from its history", i.Process)
	case ActStall:
		return fmt.Sprintf("%s hangs for %v", diskText(i), i.For)
	case ActVanish:
		if i.For == 0 {
			return fmt.Sprintf("%s is lost for good", diskText(i))
		}
		return fmt.Sprintf("%s is away for %v", diskText(i), i.For)
	default:
		return i.whatBecomes()
	}
}

// whatBecomes says what becomes of something that comes to pass then or later.
func (i Intervention) whatBecomes() string {
	message := fmt.Sprintf("%s %s from %v to %v", following(i.Nth), i.Message, i.From, i.To)
	switch i.Act {
	case ActLoss:
		return message + " is lost"
	case ActDelay:
		return fmt.Sprintf("%s takes %v", message, i.For)
	case ActCopy:
		return fmt.Sprintf("%s arrives once more, after %v", message, i.For)
	case ActDisk:
		return fmt.Sprintf("%s operation of %s takes %v", following(i.Nth), diskText(i), i.For)
	case ActKept:
		return fmt.Sprintf("of what is under way at a crash of %v, %d survive", i.Process, i.Kept)
	default:
		return string(i.Act)
	}
}

func following(nth int) string {
	if nth > 1 {
		return fmt.Sprintf("the next but %d", nth-1)
	}
	return "the next"
}

func diskText(i Intervention) string {
	if i.Disk > 0 {
		return fmt.Sprintf("disk %d", i.Disk)
	}
	return fmt.Sprintf("the disk of %v", i.Process)
}
