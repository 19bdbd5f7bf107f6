package draw

import "strings"

// styleSheet is what the diagrams look like. Brightness tells things apart without colour.
const styleSheet = `
text{font-family:'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace;font-size:9px;fill:#222}
.middle{text-anchor:middle}
.end{text-anchor:end}
.title{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:15px;font-weight:bold}
.subtitle,.legend{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:10px;fill:#555}
.lane{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:13px;font-weight:bold}
.paper{fill:#fff}
.ground{fill:#fff;fill-opacity:.86}
line,path{fill:none}
.life{stroke:#222;stroke-width:1.3}
.absent{stroke:#999;stroke-width:1;stroke-dasharray:1 3}
.diskline{stroke:#555;stroke-width:3}
.down{fill:url(#hatch);stroke:#666;stroke-width:.8}
.leads{fill:#ffe08a;stroke:#b98900;stroke-width:.7}
.tick{stroke:#999;stroke-width:.7}
.grid{stroke:#ddd;stroke-width:.6}
.time{fill:#555;font-size:8.5px}
.message{stroke:#555;stroke-width:1}
.message.read{stroke:#1764ab}
.message.write{stroke:#8a3a00}
.message.nack{stroke:#c00018;stroke-dasharray:5 2}
.message.decide{stroke:#0a6b2d;stroke-width:1.6}
.message.forward{stroke:#6a3d9a}
.message.beat,.message.ack{stroke:#aaa;stroke-width:.8}
.message.again{stroke-dasharray:2 3;stroke-width:.8}
.message.store{stroke:#222;stroke-width:.9;stroke-dasharray:6 2 1 2}
.head{fill:#555}
.head.read{fill:#1764ab}
.head.write{fill:#8a3a00}
.head.nack{fill:#c00018}
.head.decide{fill:#0a6b2d}
.head.forward{fill:#6a3d9a}
.head.beat,.head.ack{fill:#aaa}
.head.store{fill:#222}
.lost{stroke:#c00018;stroke-width:1.8}
.flight{fill:#fff;stroke:#555}
.force{fill:#444;stroke:#222;stroke-width:.6}
.force.gone{fill:#fff;stroke-dasharray:2 1.5;stroke:#c00018;stroke-width:1}
.force.open{fill:#bbb}
.interval{stroke:#111;stroke-width:1.4}
.interval.abort{stroke:#c00018;stroke-dasharray:4 2}
.interval.open{stroke-dasharray:1 2}
.drop{stroke:#bbb;stroke-width:.6}
.call{fill:#111}
.outcome{fill:#0a6b2d;font-weight:bold}
.outcome.abort{fill:#c00018}
.text-read{fill:#1764ab}
.text-write{fill:#8a3a00}
.text-nack{fill:#c00018}
.text-decide{fill:#0a6b2d}
.text-forward{fill:#6a3d9a}
.text-beat,.text-ack{fill:#777}
.text-store{fill:#222}
.text-elect{fill:#8a6500;font-style:italic}
.text-life{fill:#c00018}
.mark{fill:#fff;stroke:#222;stroke-width:1.2}
.mark.deliver{fill:#0a6b2d;stroke:#0a6b2d}
.mark.crash{stroke:#c00018;stroke-width:2.4}
.cut{fill:#e8b4b4;stroke:#c00018;stroke-width:.7}
.violation{stroke:#d00;stroke-width:2.5}
.text-violation{fill:#d00;font-weight:bold}
.headline{font-size:10.5px}
.heal{stroke:#0a6b2d;stroke-width:1.2;stroke-dasharray:6 3}
.text-heal{fill:#0a6b2d;font-weight:bold}
`

// hatching is the pattern of time that a process is down.
const hatching = `<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" ` +
	`patternTransform="rotate(45)"><rect width="5" height="5" fill="#f4f4f4"/>` +
	`<line x1="0" y1="0" x2="0" y2="5" stroke="#888" stroke-width="1.6"/></pattern>`

// shape is how a mark is drawn.
type shape int

const (
	broadcastMark shape = iota
	outcomeMark
	deliverMark
	startMark
	crashMark
	electMark
)

// style is the class of the mark's label.
func (s shape) style() string {
	switch s {
	case broadcastMark, outcomeMark:
		return "text-forward"
	case deliverMark:
		return "text-decide"
	case crashMark, startMark:
		return "text-life"
	case electMark:
		return "text-elect"
	default:
		return ""
	}
}

// messageClass tells messages apart by their first words.
func messageClass(text string) string {
	switch n := name(text); {
	case strings.HasPrefix(n, "nack"):
		return "nack"
	case strings.HasSuffix(strings.ToUpper(n), "READ"):
		return "read"
	case strings.HasSuffix(strings.ToUpper(n), "WRITE"):
		return "write"
	case n == "DECISION" || n == "UPDATE":
		return "decide"
	case n == "FORWARD" || n == "PULL":
		return "forward"
	case n == "HEARTBEAT":
		return "beat"
	case n == "ACK":
		return "ack"
	default:
		return "other"
	}
}

// ofRegister says whether a message belongs to a read or a write.
func ofRegister(text string) bool {
	class := messageClass(text)
	return class == "read" || class == "write" || class == "nack"
}
