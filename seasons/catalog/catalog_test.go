package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
	"paxon/seasons/catalog"
	"paxon/seasons/winter"
)

func TestByName(t *testing.T) {
	for asked, name := range map[string]string{
		"crash-stop": "crash-stop", "paxos": "paxos", "spring": "spring", "fall": "fall",
		"fall+spring": "fall+spring", "spring+fall": "fall+spring",
		"winter": "winter", "winter+spring+fall": "fall+spring+winter",
	} {
		v, err := catalog.ByName(asked)
		require.NoError(t, err, asked)
		require.Equal(t, name, v.Name)
		require.Equal(t, name != "crash-stop", v.Recovers, name)
	}
}

// Winter takes the number of processes that may be faulty, and the name keeps it.
func TestNumberOfFaultyProcesses(t *testing.T) {
	v, err := catalog.ByName("spring+winter=2")
	require.NoError(t, err)
	require.Equal(t, "spring+winter=2", v.Name)
	require.NoError(t, v.Check(5))
	var faulty *winter.FaultyError
	require.ErrorAs(t, v.Check(4), &faulty)
	require.Equal(t, winter.FaultyError{Faulty: 2, Processes: 4}, *faulty)
	require.Equal(t, 2, v.Faulty(7))
	for _, wrong := range []string{"winter=", "winter=x", "winter=-1", "winter=02", "fall=1"} {
		_, err := catalog.ByName(wrong)
		var unknown *catalog.UnknownError
		require.ErrorAs(t, err, &unknown, wrong)
	}
	for _, twice := range []string{"winter+winter=1", "winter=1+winter=2"} {
		_, err := catalog.ByName(twice)
		require.ErrorContains(t, err, "winter is there twice")
	}
	var contradiction *seasons.ContradictionError
	_, err = catalog.ByName("summer+winter=1")
	require.ErrorAs(t, err, &contradiction)
}

func TestDefaultExists(t *testing.T) {
	v, err := catalog.ByName(catalog.Default)
	require.NoError(t, err)
	require.Equal(t, catalog.Default, v.Name)
}

func TestUnknownNames(t *testing.T) {
	for asked, part := range map[string]string{
		"": "", "raft": "raft", "Fall": "Fall", "fall+": "", "fall+autumn": "autumn",
		"paxos+fall": "paxos", "crash-stop+fall": "crash-stop",
	} {
		_, err := catalog.ByName(asked)
		var unknown *catalog.UnknownError
		require.ErrorAs(t, err, &unknown, asked)
		require.Equal(t, catalog.UnknownError{Name: asked, Part: part}, *unknown)
		require.ErrorContains(t, err, "expected one of crash-stop, paxos, ")
		require.ErrorContains(t, err, ", fall+spring")
	}
	_, err := catalog.ByName("fall+autumn")
	require.ErrorContains(t, err, `unknown variant "fall+autumn": there is no season "autumn": `)
	_, err = catalog.ByName("raft")
	require.ErrorContains(t, err, `unknown variant "raft": expected`)
}

// The only two that contradict each other both say what they assume.
func TestWinterWithSummer(t *testing.T) {
	_, err := catalog.ByName("fall+winter+summer")
	var contradiction *seasons.ContradictionError
	require.ErrorAs(t, err, &contradiction)
	require.ErrorContains(t, err, "summer and winter cannot be combined: summer assumes ")
	require.ErrorContains(t, err, "; winter assumes ")
}

func TestSeasonsTwice(t *testing.T) {
	_, err := catalog.ByName("fall+fall")
	require.ErrorContains(t, err, "fall is there twice")
}

// Every composition is there once, is complete, and is found by its name.
func TestVariants(t *testing.T) {
	require.Equal(t, []string{
		"crash-stop", "paxos", "winter", "spring", "summer", "fall",
		"spring+winter", "fall+winter", "spring+summer", "fall+spring", "fall+summer",
		"fall+spring+winter", "fall+spring+summer",
	}, catalog.Names())
	for _, e := range catalog.Variants() {
		require.NotEmpty(t, e.Assumes)
		require.NotContains(t, e.Assumes, "")
		require.NotNil(t, e.Registers)
		require.NotNil(t, e.Consensus)
		require.NotNil(t, e.Omega)
		require.NotNil(t, e.Leader)
		require.NotNil(t, e.Broadcast)
		v, err := catalog.ByName(e.Name)
		require.NoError(t, err)
		require.Equal(t, e.Name, v.Name)
	}
}
