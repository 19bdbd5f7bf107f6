package seasons_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"paxon/seasons"
)

// season is one that notes in the variant's number of crashes that it was applied.
func season(name string, excludes ...string) seasons.Season {
	return seasons.Season{
		Name: name, Assumes: "that it is " + name, Excludes: excludes,
		Apply: func(v seasons.Variant) seasons.Variant {
			before := v.Crashes
			v.Crashes = func(processes int) int {
				if before == nil {
					return 1
				}
				return before(processes) + 1
			}
			return v
		},
	}
}

func TestComposeAppliesEachSeason(t *testing.T) {
	plain, err := seasons.Compose()
	require.NoError(t, err)
	require.Equal(t, "paxos", plain.Name)
	require.Nil(t, plain.Crashes)
	v, err := seasons.Compose(season("moist"), season("hot"), season("long"))
	require.NoError(t, err)
	require.Equal(t, "hot+long+moist", v.Name)
	require.Equal(t, 3, v.Crashes(5))
}

func TestComposeOfASeasonTwice(t *testing.T) {
	_, err := seasons.Compose(season("hot"), season("cold"), season("hot"))
	require.EqualError(t, err, "hot is there twice: expected each season once")
}

// One of two that contradict each other is enough to say so.
func TestComposeOfAContradiction(t *testing.T) {
	for name, pair := range map[string][]seasons.Season{
		"the first says so":  {season("cold", "hot"), season("hot")},
		"the second says so": {season("cold"), season("hot", "cold")},
		"both say so":        {season("cold", "hot"), season("hot", "cold")},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := seasons.Compose(season("long"), pair[1], season("moist", "dry"), pair[0])
			var contradiction *seasons.ContradictionError
			require.ErrorAs(t, err, &contradiction)
			require.EqualError(t, err, "cold and hot cannot be combined: cold assumes that it is cold; "+
				"hot assumes that it is hot")
		})
	}
}

func TestComposeKeepsEveryCheck(t *testing.T) {
	errOdd, errMany := errors.New("odd"), errors.New("many")
	odd, many := season("a"), season("b")
	odd.Check = func(processes int) error {
		if processes%2 == 1 {
			return errOdd
		}
		return nil
	}
	many.Check = func(processes int) error {
		if processes > 4 {
			return errMany
		}
		return nil
	}
	v, err := seasons.Compose(odd, season("c"), many)
	require.NoError(t, err)
	require.NoError(t, v.Check(4))
	require.Equal(t, errOdd, v.Check(3))
	require.Equal(t, errMany, v.Check(6))
}
