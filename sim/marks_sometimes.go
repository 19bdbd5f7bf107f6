package sim

import "paxon/seasons"

// Part is what runs are of.
type Part string

// The parts that can be run.
const (
	OfBroadcast Part = "tob"
	OfConsensus Part = "consensus"
	OfRegister  Part = "register"
	OfCASPaxos  Part = "caspaxos"
)

// Sometimes lists the marks that runs of a part of a variant must make some time, with all kinds
// of fault and at least three processes. A thousand runs make each with near certainty.
func Sometimes(v seasons.Variant, part Part) []Mark {
	required := registerMarks(v)
	switch part {
	case OfCASPaxos:
		return []Mark{
			Resent, Stale, Restarted, Blackout, CrashedWriting, PutLost, PutKept, EarlierEpoch,
			ProposersChanged, GatewayChanged, ChangeCutOff, AddedCollects, CopyAsksToBury, TombstoneKept,
		}
	case OfRegister:
		return append(required, ReadFound, ReadAborted, WriteAborted)
	case OfConsensus:
		return append(required, consensusMarks(v)...)
	case OfBroadcast:
		required = append(required, ReadFound, ReadAborted, WriteAborted)
		return append(append(required, consensusMarks(v)...), broadcastMarks(v)...)
	}
	return nil
}

// registerMarks are those of copies, of recovery and of storage, in runs of any part.
func registerMarks(v seasons.Variant) []Mark {
	var marks []Mark
	if v.Recovers {
		marks = append(marks, Restarted)
	}
	if v.Recovers && v.Crashes == nil {
		marks = append(marks, Blackout)
	}
	switch {
	case v.Disks:
		return append(marks, OthersFound)
	case v.Storage == seasons.Stable:
		marks = append(marks, CopiesRetrieved, CrashedWriting, PutLost, PutKept)
	case v.Recovers:
		marks = append(marks, AttemptAgain)
	}
	return append(marks, ReadRefused, WriteRefused)
}

func consensusMarks(v seasons.Variant) []Mark {
	if v.Permission {
		return []Mark{ProposeAborted, FastCommitted, FastAborted}
	}
	return []Mark{ProposeAborted}
}

func broadcastMarks(v seasons.Variant) []Mark {
	marks := []Mark{
		NoOpDecided, Forwarded, PushedBack, Pulled, Updated, PassedOver, ClientExpired, PoolFull,
		RunWhole, RunInParts, Resent, LeaderChanged, SplitLeadership,
	}
	if v.Disks {
		marks = append(marks, DecisionValue, DiskGone)
	} else {
		marks = append(marks, DecisionReference)
	}
	if !v.Disks || v.MajorityLeads {
		marks = append(marks, Leaderless)
	}
	if v.Recovers {
		marks = append(marks, Stale, SomeGone)
	}
	if v.Storage == seasons.Stable {
		marks = append(marks, HistoryRetrieved, Checkpointed)
		if !v.Disks {
			marks = append(marks, StalledLeading)
		}
	}
	if v.Storage == seasons.Stable || !v.Recovers {
		marks = append(marks, Truncated)
	}
	return marks
}
