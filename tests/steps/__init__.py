"""Tests: steps"""
