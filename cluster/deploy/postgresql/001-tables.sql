-- Where silos meet: the tables that Orleans' membership reads and writes, unquoted so that Orleans finds them in any case.
-- `repro cluster init-db` runs these scripts in order; by hand: psql --set ON_ERROR_STOP=1 --file 001-tables.sql, with search_path at the schema wanted.

-- What Orleans executes, by the keys that it asks for.
CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);

-- One row a cluster. Version is the lock of its membership: a silo writes only over the version that it has read.
CREATE TABLE IF NOT EXISTS OrleansMembershipVersionTable (DeploymentId text PRIMARY KEY, Version int NOT NULL DEFAULT 0);

-- One row for each time that a silo was started. Status: 1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead.
CREATE TABLE IF NOT EXISTS OrleansMembershipTable (
    DeploymentId text NOT NULL REFERENCES OrleansMembershipVersionTable,
    Address text NOT NULL,
    Port int NOT NULL,
    Generation int NOT NULL,
    SiloName text NOT NULL,
    HostName text NOT NULL,
    Status int NOT NULL,
    ProxyPort int NOT NULL,                 -- where clients come in; 0 where they may not
    SuspectTimes text,                      -- silo,time|silo,time: who could not reach it, and when
    StartTime timestamptz NOT NULL,
    IAmAliveTime timestamptz NOT NULL,
    PRIMARY KEY (DeploymentId, Address, Port, Generation)
);
