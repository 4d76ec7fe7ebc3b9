DROP TABLE agent_jobs;
DROP TABLE agent_memory;
