package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"paxon/node/disks"
)

func newDisksCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "disks",
		Short: "Prepare the disks that the processes of a variant with summer share",
		Long: `The variants with summer keep their registers on disks that all processes share: directories on
a storage network, an NFS server, or for a trial on one machine.`,
		Example: `  paxon disks format --cluster demo /mnt/a/paxon /mnt/b/paxon /mnt/c/paxon`,
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newDisksFormatCommand())
	return c
}

func newDisksFormatCommand() *cobra.Command {
	var cluster string
	c := &cobra.Command{
		Use:   "format --cluster NAME DIRECTORY...",
		Short: "Make directories the shared disks of a cluster, once for all its processes",
		Long: `Make directories the shared disks of a cluster. It is done once, before its processes start;
their configurations name the same directories, in the same order, under "disks". Directories that
are missing are made; one that is a shared disk already is refused.

With three disks the cluster does without any one of them.`,
		Example: `  paxon disks format --cluster demo /mnt/a/paxon /mnt/b/paxon /mnt/c/paxon`,
		RunE: func(c *cobra.Command, paths []string) error {
			switch {
			case cluster == "":
				return &usageError{errors.New("--cluster is missing: expected the name of the cluster")}
			case len(paths) == 0:
				return &usageError{errors.New("no directories: expected one for each disk")}
			}
			if err := disks.Format(cluster, paths); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "%d shared disks of cluster %s\n", len(paths), cluster)
			return err
		},
	}
	c.Flags().StringVar(&cluster, "cluster", "", "`NAME` of the cluster, as its configurations have it")
	return c
}
