package tables

import "time"

// Regions is how many there are, each with a process and a client beside it.
const Regions = 3

// regionNames are those of §3.2, in the paper's order.
func regionNames() []string { return []string{"West US 2", "West Central US", "Southeast Asia"} }

// RoundTrip is the paper's between two regions (§3.2).
func RoundTrip(a, b int) time.Duration {
	const near, far, farther = 21_800 * time.Microsecond, 169 * time.Millisecond,
		189_200 * time.Microsecond
	return [Regions][Regions]time.Duration{{0, near, far}, {near, 0, farther}, {far, farther, 0}}[a][b]
}

// estimateLeaderless is the time of a loop of two operations without a leader: for each, a round
// trip to the nearer of the others.
func estimateLeaderless(client int) time.Duration { return 2 * nearest(client) }

// estimateLeader is that with a leader: for each operation a round trip to it, and one from it.
func estimateLeader(client, leader int) time.Duration {
	return 2 * (RoundTrip(client, leader) + nearest(leader))
}

// nearest is the round trip that makes a majority of three.
func nearest(of int) time.Duration {
	return min(RoundTrip(of, (of+1)%Regions), RoundTrip(of, (of+2)%Regions))
}

// paperLatencies are the rows of §3.2: milliseconds for one round of the loop.
func paperLatencies() []Row {
	return []Row{
		paperRow("MongoDB 3.6.1", 1086, 1168, 739),
		paperRow("etcd 3.2.13", 679, 718, 339),
		paperRow("Gryadka 1.61.8 (CASPaxos)", 47, 47, 356),
	}
}

// paperEstimates are what the paper expects of round trips alone, with a leader where it was and, in
// the same way, where it was not.
func paperEstimates() []Row {
	rows := []Row{{Name: "without a leader", Source: Estimate}}
	for r := range Regions {
		rows[0].Cells = append(rows[0].Cells, one(milliseconds(estimateLeaderless(r))))
	}
	for leader := range Regions {
		row := Row{Name: "leader in " + regionNames()[leader], Source: Estimate}
		for r := range Regions {
			row.Cells = append(row.Cells, one(milliseconds(estimateLeader(r, leader))))
		}
		rows = append(rows, row)
	}
	return rows
}

// paperWindows are the rows of §3.3: milliseconds without service after the isolation of a leader.
func paperWindows() []Row {
	window := func(name string, seconds float64) Row {
		return Row{Name: name, Source: Paper, Cells: []Cell{{}, {}, one(1e3 * seconds)}}
	}
	return []Row{
		window("Gryadka 1.61.8 (CASPaxos)", 0),
		window("etcd 3.2.13 (Raft)", 1),
		window("CockroachDB 1.1.3 (MultiRaft)", 7),
		window("Riak 2.2.3 (Vertical Paxos)", 8),
		window("Consul 1.0.2 (Raft)", 14),
		window("TiDB 1.1.0 (MultiRaft)", 15),
		window("RethinkDB 2.3.6 (Raft)", 17),
	}
}

func paperRow(name string, values ...float64) Row {
	r := Row{Name: name, Source: Paper}
	for _, v := range values {
		r.Cells = append(r.Cells, one(v))
	}
	return r
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
