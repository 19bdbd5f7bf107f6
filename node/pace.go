package node

import (
	"time"

	"github.com/sirupsen/logrus"
)

// paceTime is how often it is told how far something is that takes long.
const paceTime = 3 * time.Second

// pace logs how far something is, now and then, and nothing of what is over soon.
type pace struct {
	log  logrus.FieldLogger
	now  func() time.Time
	last time.Time // That something was logged, or that it began.
}

func newPace(log logrus.FieldLogger, now func() time.Time) *pace { return &pace{log, now, now()} }

// tell says that so many of all are done.
func (p *pace) tell(what string, done, all int) {
	if now := p.now(); now.Sub(p.last) >= paceTime {
		p.last = now
		p.log.WithFields(logrus.Fields{"done": done, "of": all}).Info(what)
	}
}
